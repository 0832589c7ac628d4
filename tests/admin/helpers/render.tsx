import { configureStore } from '@reduxjs/toolkit';
import { DesignSystemProvider, lightTheme } from '@strapi/design-system';
import { NotificationsProvider, adminApi } from '@strapi/strapi/admin';
import { act, render } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { IntlProvider } from 'react-intl';
import { Provider } from 'react-redux';
import { Outlet, RouterProvider, createMemoryRouter } from 'react-router-dom';
import { App } from '../../../admin/src/pages/App';

export interface Panel {
  user: UserEvent;
  /** Path and query in the address. */
  address: () => string;
  query: () => URLSearchParams;
  /** As a link elsewhere in the panel does. */
  go: (path: string) => Promise<void>;
}

/** The plugin as Strapi mounts it: store, theme, language and router, with English from the code. */
export const openPanel = (path: string): Panel => {
  const store = configureStore({
    reducer: { [adminApi.reducerPath]: adminApi.reducer },
    middleware: (defaults) => defaults({ serializableCheck: false, immutableCheck: false }).concat(adminApi.middleware),
  });
  const router = createMemoryRouter(
    [{ path: '/', element: <Outlet />, children: [{ path: 'plugins/user-provisioning/*', element: <App /> }] }],
    { initialEntries: [`/plugins/user-provisioning${path}`] }
  );
  render(
    <Provider store={store}>
      {/* The code carries the English texts: that a message is not in the (empty) list is no error. */}
      <IntlProvider locale="en" timeZone="UTC" onError={() => undefined}>
        <DesignSystemProvider locale="en" theme={lightTheme}>
          <NotificationsProvider>
            <RouterProvider router={router} future={{ v7_startTransition: false }} />
          </NotificationsProvider>
        </DesignSystemProvider>
      </IntlProvider>
    </Provider>
  );
  return {
    user: userEvent.setup({ pointerEventsCheck: 0 }),
    address: () => `${router.state.location.pathname}${router.state.location.search}`,
    query: () => new URLSearchParams(router.state.location.search),
    go: (to) => act(() => router.navigate(to)),
  };
};
