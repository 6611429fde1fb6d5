export { diagnose, type Answer, type DiagnoseOptions, type Diagnosis } from './diagnose.js';
export type { Cause, Culprit, Importance } from './Cause.js';
export { growTree, type Branch, type Target, type Tree } from './tree.js';
export { diagnoseJob } from './job.js';
