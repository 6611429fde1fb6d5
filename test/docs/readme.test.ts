import fs from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

const read = (name: string): string => fs.readFileSync(path.join(__dirname, '../..', name), 'utf8');

const outline = (text: string): string[] =>
  [...text.replace(/^```[^]*?^```$/gm, '').matchAll(/^#+ /gm)].map(([marks]) => marks);
const blocks = (text: string): string[] => text.match(/^```[^]*?^```$/gm) ?? [];
const links = (text: string): string[] =>
  [...text.matchAll(/\]\((?!README)([^)]+)\)/g)].map(([, target]) => String(target));

describe('README.zh-CN.md', () => {
  const [english, chinese] = [read('README.md'), read('README.zh-CN.md')];

  test.each([
    ['headings', outline],
    ['examples', blocks],
    ['links', links],
  ])('has the %s of README.md, in the same order', (_, partsOf) => {
    expect(partsOf(english).length).toBeGreaterThan(5);
    expect(partsOf(chinese)).toEqual(partsOf(english));
  });
});
