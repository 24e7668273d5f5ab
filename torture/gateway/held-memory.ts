/**
 * Loaded by the attacked gateway before itself, with `--expose-gc`: answers whoever asks how many bytes it holds once all garbage is
 * collected. What the process has resident besides is for the collector to decide, and not for peers.
 */
process.on("message", () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.(heapUsed + external);
});

export {};
