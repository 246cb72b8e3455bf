/**
 * 128 random bits as 22 characters of base64url. Not `crypto.randomUUID()`: browsers have that on
 * HTTPS and localhost only, and people try a chat out on their phone, over plain HTTP.
 */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
