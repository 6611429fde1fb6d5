import fs from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { allDocuments } from '../support/examples';

const ROOT = path.join(__dirname, '../..');
const PAGES = [...allDocuments(), 'CONTRIBUTING.md', 'CHANGELOG.md'];

const proseOf = (page: string): string =>
  fs.readFileSync(path.join(ROOT, page), 'utf8').replace(/^```[^]*?^```$/gm, '');

/** The names that GitHub and the site give to a page's headings. */
function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    String(heading)
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

// The site's build finds a page that is not there, but not a heading.
describe.each(PAGES)('the links of %s', (page) => {
  test('lead to files and headings that there are', () => {
    const dead = [...proseOf(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
      .filter(([, file, anchor]) => {
        const target = file === '' ? page : path.join(path.dirname(page), String(file));
        if (!fs.existsSync(path.join(ROOT, target))) return true;
        return anchor !== undefined && !anchorsOf(target).includes(anchor);
      })
      .map(([link]) => link);
    expect(dead).toEqual([]);
  });
});
