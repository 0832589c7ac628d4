/** The panel as Strapi ships it, without its tutorial. */
export default {
  config: { locales: [], tutorials: false },
  bootstrap() {},
};
