/** SCIM over HTTP as a provider's client sends it, and as the demo reads the application beside Strapi. */

/**
 * @typedef {object} ScimAnswer
 * @property {string} request method and path, for the report
 * @property {number} status
 * @property {any} body
 * @property {Headers} headers
 */

export class ScimHttp {
  /**
   * @param {string} baseUrl
   * @param {string} token
   * @param {Record<string, string>} [headers] what this client sends with every request
   */
  constructor(baseUrl, token, headers = {}) {
    this.baseUrl = baseUrl;
    this.headers = { accept: 'application/scim+json', ...headers, authorization: `Bearer ${token}` };
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<ScimAnswer>}
   */
  async send(method, path, body) {
    const response = await fetch(`${this.baseUrl}${path}`, {
      method,
      headers: { ...this.headers, ...(body === undefined ? {} : { 'content-type': 'application/scim+json; charset=utf-8' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    let parsed = null;
    try {
      parsed = text ? JSON.parse(text) : null;
    } catch {
      parsed = text;
    }
    return { request: `${method} ${decodeURIComponent(path)}`, status: response.status, body: parsed, headers: response.headers };
  }

  /** @param {string} path */
  get(path) {
    return this.send('GET', path);
  }

  /**
   * @param {string} path
   * @param {unknown} body
   */
  post(path, body) {
    return this.send('POST', path, body);
  }

  /**
   * @param {string} path
   * @param {unknown} body
   */
  put(path, body) {
    return this.send('PUT', path, body);
  }

  /**
   * @param {string} path
   * @param {unknown[]} operations
   */
  patch(path, operations) {
    return this.send('PATCH', path, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations });
  }

  /** @param {string} path */
  delete(path) {
    return this.send('DELETE', path);
  }

  /**
   * Every resource of an endpoint, page by page.
   * @param {string} endpoint
   * @returns {Promise<any[]>}
   */
  async all(endpoint) {
    const found = [];
    for (;;) {
      const { body, status, request } = await this.get(`${endpoint}?startIndex=${found.length + 1}&count=100`);
      if (status !== 200) throw new Error(`${request} was answered with ${status}`);
      found.push(...body.Resources);
      if (body.Resources.length === 0 || found.length >= body.totalResults) return found;
    }
  }
}

/** A filter as part of a query string. */
export const filterOf = (/** @type {string} */ filter) => `filter=${encodeURIComponent(filter)}`;
