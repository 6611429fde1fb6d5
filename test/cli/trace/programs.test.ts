import { describePrograms } from '../../support/traced-programs';

describePrograms([]);
