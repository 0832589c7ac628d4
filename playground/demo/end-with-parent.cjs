/** Preloaded into Strapi: it stops when the demo that started it is gone, however that ended. */
if (process.channel) {
  process.channel.unref();
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}
