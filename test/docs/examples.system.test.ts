import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe } from '@jest/globals';

import { readDocument } from '../support/document';
import { allDocuments, holds } from '../support/examples';

const ROOT = path.join(__dirname, '../..');

const documents = allDocuments()
  .map((name) => ({
    name,
    document: readDocument(fs.readFileSync(path.join(ROOT, name), 'utf8')),
  }))
  .filter(({ document }) => document.commands.some(({ needs }) => needs === 'debian'));

// Rust's libraries as Debian has them, and Debian's compiler, which fits them.
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-cargo-'));
const env = { CARGO_HOME: home, RUSTC: '/usr/bin/rustc', PATH: `/usr/bin:${process.env['PATH']}` };

beforeAll(() => {
  fs.writeFileSync(
    path.join(home, 'config.toml'),
    [
      '[source.crates-io]',
      'replace-with = "debian"',
      '[source.debian]',
      'directory = "/usr/share/cargo/registry"',
    ].join('\n'),
  );
});
afterAll(() => {
  fs.rmSync(home, { recursive: true });
});

describe.each(documents)('the examples of $name beside programs of Debian', ({ document }) => {
  holds(document, { needs: 'debian', env });
});
