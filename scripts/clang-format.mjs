// Formats the C and C++ sources in place; with --check only tells what is not formatted.
import { execFileSync, spawnSync } from 'node:child_process';

const check = process.argv.includes('--check');
const sources = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '--', '*.c', '*.cc', '*.h'],
  { encoding: 'utf8' },
)
  .split('\n')
  .filter(Boolean);

const { status, error } = spawnSync(
  'clang-format',
  [...(check ? ['--dry-run', '--Werror'] : ['-i']), ...sources],
  { stdio: 'inherit' },
);
if (error) throw new Error(`clang-format is not to be run: ${error.message}`);
process.exitCode = status ?? 1;
