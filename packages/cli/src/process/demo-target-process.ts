// Entry of the child process that `needletail demo` loads: a target in the generator's process would take its
// processor time, and the figures would be about both.
import { startDemoTarget } from '../demo-target/demo-target.ts';

const target = await startDemoTarget({ port: 0, host: '127.0.0.1' });
process.send?.({ url: target.url });
// The parent's end of the channel closes however the parent ends, so the target never outlives it.
process.once('disconnect', () => {
  void target.close({ graceMs: 0 }).then(() => process.exit(0));
});
// Ctrl-C reaches the whole group; the parent decides when the target is done.
process.on('SIGINT', () => undefined);
