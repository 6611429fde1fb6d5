/** Whether these tests may do what takes root. */
export const IS_ROOT = process.getuid?.() === 0;

/** unshare(1), for whoever is not root too: as the root of a user namespace of its own. */
export const UNSHARE: readonly [string, ...string[]] = IS_ROOT
  ? ['unshare']
  : ['unshare', '--map-root-user'];
