import { screen, waitFor, within } from '@testing-library/react';
import { ACTIONS } from '../../server/src/contracts/permissions';
import { inbound, outbound, status } from './helpers/fixtures';
import { openPanel } from './helpers/render';
import { grant, grantAll } from './helpers/rights';
import { data, error, fakeApi, type FakeApi } from './helpers/server';

jest.mock('@strapi/strapi/admin', () => jest.requireActual('./helpers/rights').adminWithRights());

let api: FakeApi;

beforeEach(() => {
  grantAll();
  api = fakeApi()
    .on('GET /status', () => data(status()))
    .on('GET /connections', () => data([inbound(), outbound({ name: 'وصل' })]));
});

const rowOf = async (name: string) => {
  const row = (await screen.findByText(name)).closest('tr');
  if (row === null) throw new Error(`${name} stands in no row`);
  return within(row);
};

describe('list of connections', () => {
  it('is the start page and says what runs where', async () => {
    const { address } = openPanel('');
    const okta = await rowOf('Okta production');
    expect(address()).toBe('/plugins/user-provisioning/connections');
    expect(okta.getByText('Provider → Strapi')).toBeTruthy();
    expect(okta.getByText('End users')).toBeTruthy();
    const wiki = await rowOf('وصل');
    expect(wiki.getByText('Strapi → application')).toBeTruthy();
    expect(wiki.getByText('2 waiting')).toBeTruthy();
    expect(wiki.getByText('1 failed')).toBeTruthy();
  });

  it('leads from a figure to its entries of the log', async () => {
    openPanel('/connections');
    const link = await screen.findByRole('link', { name: 'Refused or failed in 24 hours: 2' });
    expect(link.getAttribute('href')).toContain('/logs?outcome=refused%2Cfailed&from=');
  });

  it('pauses a connection from its row', async () => {
    api.on('PUT /connections/1', () => data(inbound({ enabled: false })));
    const { user, address } = openPanel('/connections');
    await user.click(await screen.findByRole('switch', { name: 'State of Okta production' }));
    await waitFor(() => expect(api.to('PUT /connections/1')).toHaveLength(1));
    expect(api.to('PUT /connections/1')[0]?.body).toEqual({ enabled: false });
    // The row itself was not opened.
    expect(address()).toBe('/plugins/user-provisioning/connections');
  });

  it('deletes only after a question, and says what stays', async () => {
    api.on('DELETE /connections/1', () => data({ id: 1 }));
    const { user } = openPanel('/connections');
    await user.click(await screen.findByRole('button', { name: 'Delete Okta production' }));
    const dialog = await screen.findByRole('alertdialog', { name: 'Delete "Okta production"?' });
    expect(within(dialog).getByText(/The people it created stay in Strapi/)).toBeTruthy();
    await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));
    expect(api.to('DELETE /connections/1')).toHaveLength(0);
    await user.click(screen.getByRole('button', { name: 'Delete Okta production' }));
    await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Confirm' }));
    await waitFor(() => expect(api.to('DELETE /connections/1')).toHaveLength(1));
  });

  it('is worked with the keyboard alone', async () => {
    api.on('PUT /connections/1', () => data(inbound({ enabled: false })));
    const { user } = openPanel('/connections');
    await rowOf('Okta production');
    const table = screen.getByRole('grid');
    for (let presses = 0; presses < 40 && !table.contains(document.activeElement); presses += 1) await user.tab();
    await user.keyboard('{ArrowDown}{ArrowRight}{ArrowRight}{ArrowRight}');
    expect(document.activeElement).toBe(screen.getByRole('switch', { name: 'State of Okta production' }));
    await user.keyboard(' ');
    await waitFor(() => expect(api.to('PUT /connections/1')).toHaveLength(1));
    await user.keyboard('{End}{ArrowRight}');
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Delete Okta production' }));
    api.on('DELETE /connections/1', () => data({ id: 1 }));
    await user.keyboard('{Enter}');
    await screen.findByRole('alertdialog');
    await user.tab();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Confirm' }));
    await user.keyboard('{Enter}');
    await waitFor(() => expect(api.to('DELETE /connections/1')).toHaveLength(1));
  });

  it('opens a connection by a click on its row', async () => {
    api.on('GET /connections/1', () => data(inbound())).on('GET /roles', () => data([]));
    const { user, address } = openPanel('/connections');
    await user.click(await screen.findByText('Okta production'));
    await waitFor(() => expect(address()).toBe('/plugins/user-provisioning/connections/1'));
    expect(await screen.findByRole('heading', { name: 'Okta production' })).toBeTruthy();
  });

  it('writes large figures as the language does', async () => {
    api.on('GET /status', () =>
      data(status({ connections: { total: 1_200, enabled: 1_100 }, operations24h: { success: 1_234_567, skipped: 0, refused: 1_000, failed: 1 } }))
    );
    openPanel('/connections');
    for (const text of ['1,100 of 1,200', '1,234,567', '1,001']) expect(await screen.findByText(text)).toBeTruthy();
  });

  it('offers one next step when nothing is connected', async () => {
    api.on('GET /connections', () => data([])).on('GET /status', () => data(status({ connections: { total: 0, enabled: 0 } })));
    openPanel('/connections');
    const link = await screen.findByRole('link', { name: 'Connect your identity provider' });
    expect(link.getAttribute('href')).toBe('/plugins/user-provisioning/connections/create?direction=inbound');
    expect(screen.getByRole('link', { name: 'Connect an application' })).toBeTruthy();
    expect(screen.queryByRole('link', { name: 'Add connection' })).toBeNull();
  });

  it('hides what the person may not do', async () => {
    grant(ACTIONS.connectionsRead);
    openPanel('/connections');
    const okta = await rowOf('Okta production');
    expect(okta.getByRole('button', { name: 'View Okta production' })).toBeTruthy();
    expect(okta.queryByRole('button', { name: /Edit|Delete/ })).toBeNull();
    expect(okta.getByRole('switch')).toHaveProperty('disabled', true);
    expect(screen.queryByRole('link', { name: 'Add connection' })).toBeNull();
    expect(screen.queryByRole('link', { name: 'Provisioning log' })).toBeNull();
  });

  it('keeps the create page from whoever may not create', async () => {
    grant(ACTIONS.connectionsRead);
    openPanel('/connections/create');
    expect(await screen.findByText('No permission')).toBeTruthy();
  });

  it('says that credentials cannot be saved while the encryption key is missing', async () => {
    api.on('GET /status', () => data(status({ encryptionReady: false })));
    openPanel('/connections');
    expect(await screen.findByText('Strapi has no encryption key')).toBeTruthy();
    expect(screen.getByText(/encryptionKey: env\('ENCRYPTION_KEY'\)/)).toBeTruthy();
  });

  it('shows the list although the summary cannot be had', async () => {
    api.on('GET /status', () => error(500, 'No summary'));
    openPanel('/connections');
    await rowOf('Okta production');
    expect(screen.queryByText('No summary')).toBeNull();
  });

  it('says what the server said when the list cannot be loaded, and tries again', async () => {
    api.on('GET /connections', () => error(500, 'The database is away'));
    const { user } = openPanel('/connections');
    expect(await screen.findByText(/The database is away/)).toBeTruthy();
    api.on('GET /connections', () => data([inbound()]));
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await rowOf('Okta production');
  });
});
