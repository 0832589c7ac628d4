/** Strapi's admin API as the panel uses it: sign-in, the plugin's endpoints, the Content Manager. */
import { DemoError } from './progress.mjs';

export const ADMIN = {
  email: process.env.DEMO_ADMIN_EMAIL ?? 'admin@demo.example',
  password: process.env.DEMO_ADMIN_PASSWORD ?? 'Demo-Panel-1337',
};

const END_USERS = '/content-manager/collection-types/plugin::users-permissions.user';

/**
 * @typedef {object} EndUser A user as the Content Manager answers it
 * @property {number} id
 * @property {string} documentId
 * @property {string} username
 * @property {string} email
 * @property {boolean | null} blocked
 * @property {{ name: string } | null} role
 */

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {any} body
 */

export class AdminApi {
  /** @param {string} origin */
  constructor(origin) {
    this.origin = origin;
    /** @type {string | null} */
    this.token = null;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<Answer>}
   */
  async send(method, path, body) {
    const response = await fetch(`${this.origin}${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    try {
      return { status: response.status, body: text ? JSON.parse(text) : null };
    } catch {
      return { status: response.status, body: text };
    }
  }

  /**
   * Like `send`, for what has to work.
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async call(method, path, body) {
    const answer = await this.send(method, path, body);
    if (answer.status >= 300) {
      const reason = answer.body?.error?.message ?? JSON.stringify(answer.body);
      throw new DemoError(`${method} ${path} was answered with ${answer.status}: ${reason}`);
    }
    return answer.body;
  }

  /**
   * Signs in to the site itself, as an end user does.
   * @param {string} identifier
   * @param {string} password
   * @returns {Promise<number>} status of the answer: 200 in, 400 not in
   */
  async signInAsEndUser(identifier, password) {
    const visitor = new AdminApi(this.origin);
    return (await visitor.send('POST', '/api/auth/local', { identifier, password })).status;
  }

  /** Registers the first administrator of a fresh database, or signs in. */
  async signIn() {
    const init = await this.call('GET', '/admin/init');
    if (!init.data.hasAdmin) {
      const body = { firstname: 'Demo', lastname: 'Admin', email: ADMIN.email, password: ADMIN.password };
      this.token = (await this.call('POST', '/admin/register-admin', body)).data.token;
      return;
    }
    const answer = await this.send('POST', '/admin/login', { email: ADMIN.email, password: ADMIN.password });
    if (answer.status !== 200) {
      throw new DemoError(
        'This database already has other administrators. Set DEMO_ADMIN_EMAIL and DEMO_ADMIN_PASSWORD to one of them, or use an empty database.'
      );
    }
    this.token = answer.body.data.token;
  }

  /**
   * The end-user role with this name, made if there is none.
   * @param {string} name
   * @returns {Promise<number>}
   */
  async endUserRole(name) {
    const found = async () => (await this.call('GET', '/users-permissions/roles')).roles.find((/** @type {any} */ role) => role.name === name);
    const present = await found();
    if (present) return present.id;
    await this.call('POST', '/users-permissions/roles', { name, description: 'Made by the demo', permissions: {} });
    return (await found()).id;
  }

  /**
   * @param {string} username
   * @returns {Promise<EndUser | null>}
   */
  async endUser(username) {
    const page = await this.call('GET', `${END_USERS}?page=1&pageSize=2&filters[username][$eq]=${encodeURIComponent(username)}`);
    return page.results[0] ?? null;
  }

  /**
   * Every end user whose e-mail address ends like this, page by page.
   * @param {string} ending
   * @returns {Promise<EndUser[]>}
   */
  async endUsers(ending) {
    /** @type {EndUser[]} */
    const users = [];
    for (let page = 1, pages = 1; page <= pages; page += 1) {
      const query = `page=${page}&pageSize=100&sort=id:ASC&filters[email][$endsWith]=${encodeURIComponent(ending)}`;
      const answer = await this.call('GET', `${END_USERS}?${query}`);
      users.push(...answer.results);
      pages = answer.pagination.pageCount;
    }
    return users;
  }

  /**
   * @param {Record<string, unknown>} data
   * @returns {Promise<EndUser>}
   */
  async createEndUser(data) {
    return this.call('POST', END_USERS, data);
  }

  /**
   * @param {EndUser} user
   * @param {Record<string, unknown>} data
   * @returns {Promise<EndUser>}
   */
  async updateEndUser(user, data) {
    return this.call('PUT', `${END_USERS}/${user.documentId}`, data);
  }

  /** @param {EndUser} user */
  async deleteEndUser(user) {
    await this.call('DELETE', `${END_USERS}/${user.documentId}`);
  }
}
