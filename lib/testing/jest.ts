/** Types of the matchers for jest: of `@jest/globals`, and of `@types/jest`. Nothing at run time. */
import type {} from 'expect';
import type { SignalMatchers } from './matchers.js';

/* eslint-disable @typescript-eslint/no-namespace, @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars
   -- adds to interfaces of jest's, which have to be repeated as they are */
declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends SignalMatchers<R> {}
}

declare global {
  namespace jest {
    interface Matchers<R, T = {}> extends SignalMatchers<R> {}
  }
}
