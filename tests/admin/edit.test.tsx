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
    .on('GET /connections', () => data([inbound(), outbound()]))
    .on('GET /connections/1', () => data(inbound()))
    .on('GET /connections/2', () => data(outbound()))
    .on('GET /roles', () => data([{ id: 2, name: 'Editor', protected: false }]));
});

const textbox = (name: string | RegExp) => screen.getByRole('textbox', { name });

describe('edit a connection', () => {
  it('saves only what may change, and keeps the stored token when none is typed', async () => {
    api.on('PUT /connections/2', () => data(outbound({ name: 'Wiki 2' })));
    const { user } = openPanel('/connections/2');
    const name = await screen.findByRole('textbox', { name: 'Name' });
    expect(screen.getByRole('button', { name: 'Save' })).toHaveProperty('disabled', true);
    await user.type(name, ' 2');
    await user.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(api.to('PUT /connections/2')).toHaveLength(1));
    expect(api.to('PUT /connections/2')[0]?.body).toEqual({
      name: 'Wiki 2',
      system: 'okta',
      preset: 'generic',
      enabled: true,
      baseUrl: 'https://wiki.example.com/scim/v2',
    });
    expect(await screen.findByText('Saved.')).toBeTruthy();
  });

  it('tells which row of the table names a role that was deleted in Strapi', async () => {
    api.on('GET /connections/1', () => data(inbound({ roleMappings: [{ groupName: 'Writers', roleId: 2, priority: 1 }, { groupName: 'Doomed', roleId: 9, priority: 1 }] })));
    openPanel('/connections/1');
    expect(await screen.findAllByText(/no longer has this role/)).toHaveLength(1);
  });

  it('does not lose what is being typed when the connection is read again', async () => {
    const { user } = openPanel('/connections/1');
    await user.type(await screen.findByRole('textbox', { name: 'Name' }), ' EU');
    api.on('DELETE /connections/1/tokens/11', () => data(inbound({ tokens: [] })));
    await user.click(screen.getByRole('button', { name: 'Revoke the token First token' }));
    await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Confirm' }));
    await waitFor(() => expect(api.to('GET /connections/1').length).toBeGreaterThan(1));
    expect(textbox('Name')).toHaveProperty('value', 'Okta production EU');
  });

  it('revokes a token after a question that names the consequence', async () => {
    api.on('DELETE /connections/1/tokens/11', () => data(inbound({ tokens: [] })));
    const { user } = openPanel('/connections/1');
    await user.click(await screen.findByRole('button', { name: 'Revoke the token First token' }));
    const dialog = within(await screen.findByRole('alertdialog'));
    expect(dialog.getByText(/It is the only one/)).toBeTruthy();
    api.on('GET /connections/1', () => data(inbound({ tokens: [] })));
    await user.click(dialog.getByRole('button', { name: 'Confirm' }));
    expect(await screen.findByText(/There is no token/)).toBeTruthy();
  });

  it('tests the connection and lists what was tried', async () => {
    api.on('POST /connections/2/test', () =>
      data({
        ok: false,
        steps: [
          { name: 'Reach the server', ok: true, message: 'It answered.', durationMs: 40 },
          { name: 'Sign in', ok: false, message: 'It refused the token.', durationMs: 12.4 },
        ],
      })
    );
    const { user } = openPanel('/connections/2');
    await user.click(await screen.findByRole('button', { name: 'Test connection' }));
    expect(await screen.findByText('The connection does not work yet')).toBeTruthy();
    const step = screen.getByText('It refused the token.').closest('li');
    expect(step && within(step).getByLabelText('Failed')).toBeTruthy();
    expect(step && within(step).getByText('12 ms')).toBeTruthy();
  });

  it('queues everyone after a question, and the failed ones at once', async () => {
    api
      .on('POST /connections/2/provision-all', () => data({ queued: 1 }))
      .on('POST /connections/2/retry-failed', () => data({ queued: 3 }));
    const { user } = openPanel('/connections/2');
    await user.click(await screen.findByRole('button', { name: 'Provision everyone now' }));
    await user.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Confirm' }));
    expect(await screen.findByText('1 person is queued.')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Retry failed' }));
    expect(await screen.findByText('3 people are queued.')).toBeTruthy();
  });

  it('says how to get an unreadable credential back', async () => {
    api.on('GET /connections/2', () => data(outbound({ credential: 'unreadable' })));
    openPanel('/connections/2');
    expect(await screen.findByText('The stored token cannot be read')).toBeTruthy();
  });

  it('is read-only without the right to update', async () => {
    grant(ACTIONS.connectionsRead);
    openPanel('/connections/1');
    expect(await screen.findByRole('textbox', { name: 'Name' })).toHaveProperty('disabled', true);
    expect(screen.queryByRole('button', { name: /Save|Delete|Add a token|Replace|Revoke|Test|Add a group/ })).toBeNull();
    // The address is no secret.
    expect(textbox('SCIM base URL')).toHaveProperty('value', `${window.location.origin}/api/scim/v2/okta-production`);
  });

  it('says that the address is a guess when Strapi does not know its own', async () => {
    api.on('GET /status', () => data(status({ absoluteUrlKnown: false })));
    openPanel('/connections/1');
    expect(await screen.findByText('Check the address')).toBeTruthy();
  });

  it('leads back from a connection that is gone', async () => {
    api.on('GET /connections/9', () => error(404, 'Not Found'));
    openPanel('/connections/9');
    expect(await screen.findByText(/does not exist \(any more\)/)).toBeTruthy();
    expect(screen.getByRole('link', { name: 'To the connections' })).toBeTruthy();
  });
});
