import { User } from '@strapi/icons';
import type { StrapiApp } from '@strapi/strapi/admin';
import { PERMISSIONS } from './permissions';
import { PLUGIN_ID } from './pluginId';
import { prefixTranslations } from './utils/prefixTranslations';

const plugin = {
  register(app: Pick<StrapiApp, 'addMenuLink' | 'registerPlugin'>) {
    app.addMenuLink({
      to: `plugins/${PLUGIN_ID}`,
      icon: User,
      intlLabel: { id: `${PLUGIN_ID}.plugin.name`, defaultMessage: 'User Provisioning' },
      permissions: PERMISSIONS.main,
      Component: () => import('./pages/App').then((module) => ({ default: module.App })),
    });
    app.registerPlugin({ id: PLUGIN_ID, name: PLUGIN_ID });
  },

  registerTrads({ locales }: { locales: string[] }) {
    return Promise.all(
      locales.map((locale) =>
        import(`./translations/${locale}.json`)
          .then(({ default: messages }: { default: Record<string, string> }) => ({
            data: prefixTranslations(messages),
            locale,
          }))
          // The panel offers languages that the plugin does not have: English stands in the code.
          .catch(() => ({ data: {}, locale }))
      )
    );
  },
};

export default plugin;
