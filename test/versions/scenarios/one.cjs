// one.cjs <chapter> [scenario]: runs a scenario of a chapter; without one, lists those that there are.
const [chapter, wanted] = process.argv.slice(2);

async function run() {
  const scenarios = require(`./${chapter}.cjs`);
  if (wanted === undefined) console.log(JSON.stringify(Object.keys(scenarios)));
  else await scenarios[wanted]();
  process.exitCode = 0;
}

// A runtime that sees nothing to wait for ends before it has run.
process.exitCode = 1;
run().catch((error) => {
  console.error(error);
  process.exit(1);
});
