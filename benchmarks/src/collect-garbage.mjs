/** Loaded into a server that is measured: collects its garbage when a message comes, and says so. */
process.on('message', () => {
  // Twice: what the first has freed of buffers, another thread may be at.
  globalThis.gc?.();
  globalThis.gc?.();
  process.send?.('collected');
});
// It is not this that keeps the server running.
process.channel?.unref();
