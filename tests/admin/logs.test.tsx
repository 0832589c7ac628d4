import { screen, waitFor, within } from '@testing-library/react';
import { ACTIONS } from '../../server/src/contracts/permissions';
import { detail, inbound, operation, page } from './helpers/fixtures';
import { openPanel } from './helpers/render';
import { grant, grantAll } from './helpers/rights';
import { data, error, fakeApi, type FakeApi } from './helpers/server';

jest.mock('@strapi/strapi/admin', () => jest.requireActual('./helpers/rights').adminWithRights());

let api: FakeApi;

beforeEach(() => {
  grantAll();
  api = fakeApi()
    .on('GET /connections', () => data([inbound()]))
    .on('GET /connections/1', () => data(inbound()))
    .on('GET /operations', () =>
      data(
        page([
          operation(),
          operation({ id: 102, operation: 'refuse', outcome: 'refused', objectName: 'عبد الله', message: 'Protected.' }),
          operation({ id: 103, operation: 'read', objectName: null, objectId: null, count: 40, message: 'Read.' }),
        ])
      )
    )
    .on('GET /operations/101', () => data(detail()));
});

const lastQuery = () => api.to('GET /operations').at(-1)?.query;

describe('provisioning log', () => {
  it('shows each operation with its outcome in words', async () => {
    openPanel('/logs');
    const table = await screen.findByRole('grid', { name: 'Provisioning log' });
    expect(within(table).getByText('ada@example.com')).toBeTruthy();
    expect(within(table).getAllByText('Create')).toBeTruthy();
    expect(within(table).getByText('Refused', { selector: 'td:nth-child(3) *' })).toBeTruthy();
    expect(within(table).getByText('40 requests')).toBeTruthy();
    // Kept apart from the direction of the row.
    expect(within(table).getByText('عبد الله').closest('bdi')?.dir).toBe('auto');
  });

  it('opens an entry by the name of the person, also from the keyboard', async () => {
    const { user, query } = openPanel('/logs');
    (await screen.findByRole('button', { name: 'ada@example.com' })).focus();
    await user.keyboard('{Enter}');
    expect(await screen.findByRole('dialog', { name: 'Log entry 101' })).toBeTruthy();
    expect(query().get('id')).toBe('101');
  });

  it('puts a filter into the address and asks the server with it', async () => {
    const { user, query } = openPanel('/logs?cursor=abc');
    await screen.findByText('ada@example.com');
    await user.click(screen.getByRole('combobox', { name: 'Outcome' }));
    await user.click(await screen.findByRole('option', { name: 'Refused' }));
    await waitFor(() => expect(query().get('outcome')).toBe('refused'));
    // A cursor of the old filters means nothing for the new ones.
    expect(query().has('cursor')).toBe(false);
    await waitFor(() => expect(lastQuery()?.get('outcome')).toBe('refused'));
  });

  it('searches after a pause and keeps the text in the address', async () => {
    const { user, query } = openPanel('/logs');
    await screen.findByText('ada@example.com');
    await user.type(screen.getByRole('searchbox', { name: /Search a person/ }), 'ada & co');
    await waitFor(() => expect(query().get('search')).toBe('ada & co'));
    await waitFor(() => expect(lastQuery()?.get('search')).toBe('ada & co'));
  });

  it('reads its filters from the address and drops what is none', async () => {
    openPanel('/logs?operation=create,update,dance&outcome=perfect&connectionId=1&from=yesterday&pageSize=7');
    await screen.findByText('ada@example.com');
    expect(Object.fromEntries(lastQuery() ?? [])).toEqual({ operation: 'create,update', connectionId: '1', pageSize: '20' });
  });

  it('leads to older and newer entries by the server’s cursors', async () => {
    api.on('GET /operations', ({ query }) =>
      query.get('cursor') === 'older-1'
        ? data(page([operation({ id: 90, objectName: 'old@example.com' })], { previousCursor: 'newer-1' }))
        : data(page([operation()], { nextCursor: 'older-1' }))
    );
    const { user, query } = openPanel('/logs');
    await screen.findByText('ada@example.com');
    expect(screen.getByRole('button', { name: 'Newer' })).toHaveProperty('disabled', true);
    await user.click(screen.getByRole('button', { name: 'Older' }));
    expect(await screen.findByText('old@example.com')).toBeTruthy();
    expect(query().get('cursor')).toBe('older-1');
    expect(screen.getByRole('button', { name: 'Older' })).toHaveProperty('disabled', true);
  });

  it('opens the detail under an address of its own and closes it again', async () => {
    const { user, query } = openPanel('/logs?outcome=success');
    await user.click(await screen.findByRole('button', { name: 'Show the details of ada@example.com' }));
    const dialog = await screen.findByRole('dialog', { name: 'Log entry 101' });
    expect(query().get('id')).toBe('101');
    expect(await within(dialog).findByText('Nobody has this user name yet.')).toBeTruthy();
    expect(within(dialog).getByRole('row', { name: 'name.givenName (empty) Ada' })).toBeTruthy();
    expect(within(dialog).getByRole('link', { name: 'Okta production' }).getAttribute('href')).toBe(
      '/plugins/user-provisioning/connections/1'
    );
    // Evidence, not the story: collapsed until asked for.
    expect(within(dialog).queryByText(/"userName"/)).toBeNull();
    await user.click(within(dialog).getByRole('button', { name: 'HTTP request and answer' }));
    expect(await within(dialog).findByText(/"userName"/)).toBeTruthy();
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(query().has('id')).toBe(false);
    expect(query().get('outcome')).toBe('success');
  });

  it('opens the detail with the keyboard alone and gives the focus back', async () => {
    const { user, query } = openPanel('/logs');
    await screen.findByText('ada@example.com');
    const table = screen.getByRole('grid');
    for (let presses = 0; presses < 40 && !table.contains(document.activeElement); presses += 1) await user.tab();
    await user.keyboard('{ArrowDown}{End}');
    const button = screen.getByRole('button', { name: 'Show the details of ada@example.com' });
    expect(document.activeElement).toBe(button);
    await user.keyboard('{Enter}');
    await screen.findByText('Nobody has this user name yet.');
    await user.keyboard('{Escape}');
    await waitFor(() => expect(query().has('id')).toBe(false));
    await waitFor(() => expect(document.activeElement).toBe(button));
  });

  it('says what an error means and whether trying again helps', async () => {
    api.on('GET /operations/101', () =>
      data(
        detail({
          outcome: 'failed',
          errorCode: 'target-auth',
          advice: { code: 'target-auth', cause: 'The application refused the credentials.', whatToDo: 'Enter a valid token.', retryHelps: true },
        })
      )
    );
    openPanel('/logs?id=101');
    expect(await screen.findByText('The application refused the credentials.')).toBeTruthy();
    expect(screen.getByText('Enter a valid token.')).toBeTruthy();
    expect(screen.getByText(/Trying again can help/)).toBeTruthy();
  });

  it('tells a link to a removed entry from an error', async () => {
    api.on('GET /operations/999', () => error(404, 'Not Found'));
    openPanel('/logs?id=999');
    expect(await screen.findByText(/This entry does not exist/)).toBeTruthy();
  });

  it('offers the next step when it is empty, and another when the filters are to blame', async () => {
    api.on('GET /operations', () => data(page([])));
    const { user, query } = openPanel('/logs?outcome=failed');
    expect(await screen.findByText('No entry matches these filters.')).toBeTruthy();
    await user.click(screen.getAllByRole('button', { name: 'Clear filters' })[0] as HTMLElement);
    expect(await screen.findByText(/Nothing was provisioned yet/)).toBeTruthy();
    expect(query().toString()).toBe('');
    expect(screen.getByRole('link', { name: 'To the connections' })).toBeTruthy();
  });

  it('says what the server said when it cannot be loaded, and tries again', async () => {
    api.on('GET /operations', () => error(500, 'The database is away'));
    const { user } = openPanel('/logs');
    expect(await screen.findByText(/The database is away/)).toBeTruthy();
    api.on('GET /operations', () => data(page([operation()])));
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('ada@example.com')).toBeTruthy();
  });

  it('does not ask for the connections of whoever may not read them', async () => {
    grant(ACTIONS.logsRead);
    const { address } = openPanel('');
    await screen.findByText('ada@example.com');
    expect(address()).toBe('/plugins/user-provisioning/logs');
    expect(api.to('GET /connections')).toHaveLength(0);
    expect(screen.queryByRole('combobox', { name: 'Connection' })).toBeNull();
    expect(screen.queryByRole('link', { name: 'Connections' })).toBeNull();
  });
});
