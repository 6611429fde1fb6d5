export { diagnose, type Answer, type DiagnoseOptions, type Diagnosis } from './diagnose.js';
export type { Cause, Culprit, Importance } from './Cause.js';
export { diagnoseJob } from './job.js';
