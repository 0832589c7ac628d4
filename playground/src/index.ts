/** Nothing of its own: the playground is a plain Strapi application with the plugin switched on. */
export default {
  register() {},
  bootstrap() {},
};
