import fs from 'node:fs';
import path from 'node:path';

import { describe } from '@jest/globals';

import { FETCHED, readDocument } from '../support/document';
import { allDocuments, holds } from '../support/examples';

const documents = allDocuments()
  .map((name) => ({
    name,
    document: readDocument(fs.readFileSync(path.join(__dirname, '../..', name), 'utf8')),
  }))
  .filter(({ document }) => document.commands.some(({ needs }) => needs === 'registry'));

// npm run test:bundlers has fetched what they load.
const env = {
  PATH: `${path.join(FETCHED, 'node_modules/.bin')}:${process.env['PATH']}`,
  NEXT_TELEMETRY_DISABLED: '1',
};

describe.each(documents)(
  'the examples of $name beside packages too large for us',
  ({ document }) => {
    holds(document, { needs: 'registry', env });
  },
);
