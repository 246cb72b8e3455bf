/**
 * Calls the application. What it throws, or rejects with later, goes to `failed`: it must neither
 * disturb what we are in the middle of nor become an unhandled rejection. `failed` must not throw.
 */
export async function callApplication(
  call: () => unknown,
  failed: (error: unknown) => void,
): Promise<void> {
  try {
    await call();
  } catch (error) {
    failed(error);
  }
}
