/** True where nobody looks at the skipped tests: `CI=true`, as every CI service sets it. */
export function isCi(env = process.env) {
  return !['', '0', 'false'].includes(env.CI ?? '');
}
