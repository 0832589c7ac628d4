import { Layouts, Page } from '@strapi/strapi/admin';
import type { ReactNode } from 'react';
import { useT } from '../utils/i18n';
import { SubNavigation } from './SubNavigation';

interface PluginPageProps {
  title: string;
  subtitle?: string;
  navigationAction?: ReactNode;
  primaryAction?: ReactNode;
  /** Pages below a list (create, edit) lead back to it instead. */
  withSubNavigation?: boolean;
  busy?: boolean;
  children: ReactNode;
}

/** The frame that all pages of the plugin share. */
export const PluginPage = ({
  title,
  subtitle,
  navigationAction,
  primaryAction,
  withSubNavigation = false,
  busy = false,
  children,
}: PluginPageProps) => {
  const t = useT();
  return (
    <Page.Main aria-busy={busy}>
      <Page.Title>{t('page.title', '{title} – User Provisioning', { title })}</Page.Title>
      <Layouts.Header
        title={title}
        subtitle={subtitle}
        navigationAction={navigationAction}
        primaryAction={primaryAction}
      />
      <Layouts.Content>
        {withSubNavigation ? <SubNavigation /> : null}
        {children}
      </Layouts.Content>
    </Page.Main>
  );
};
