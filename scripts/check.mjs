/** `pnpm check`: what CI checks, which is what `npm test` checks. turbo skips what has not changed. */
import './test.mjs';
