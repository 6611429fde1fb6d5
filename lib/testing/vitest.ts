/** Types of the matchers for vitest. Nothing at run time. */
import type {} from 'vitest';
import type { SignalMatchers } from './matchers.js';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars
   -- adds to an interface of vitest's, which has to be repeated as it is */
declare module 'vitest' {
  interface Matchers<T = any> extends SignalMatchers {}
}
