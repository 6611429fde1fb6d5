// count-tests <jest|gtest> <results.json...>: prints "<passed> <failed>". A test that was skipped,
// or results that were not written, count as failed: nothing is left out unseen.
// count-tests --failed <results of jest...>: prints the files with a test that did not pass.
import { readFileSync } from 'node:fs';

const readers = {
  jest: (results) => ({
    passed: results.numPassedTests,
    failed: results.numTotalTests - results.numPassedTests + results.numRuntimeErrorTestSuites,
  }),
  gtest: (results) => {
    const tests = results.testsuites.flatMap((suite) => suite.testsuite);
    const good = tests.filter((test) => test.result === 'COMPLETED' && !test.failures);
    return { passed: good.length, failed: tests.length - good.length };
  },
};

const [kind, ...files] = process.argv.slice(2);
if (kind === '--failed') {
  const results = files.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')).testResults);
  for (const { name, status } of results) if (status !== 'passed') console.log(name);
  process.exit();
}
let passed = 0;
let failed = 0;
for (const file of files) {
  let counts;
  try {
    counts = readers[kind](JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    console.error(`${file}: ${error.message}`);
    counts = { passed: 0, failed: 1 };
  }
  passed += counts.passed;
  failed += counts.failed;
}
console.log(`${passed} ${failed}`);
