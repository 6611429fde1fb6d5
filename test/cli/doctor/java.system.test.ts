import { describeStock } from '../../support/stock';

describeStock('java');
