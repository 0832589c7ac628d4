/** A stand-in for Strapi's admin API: answers `fetch` by method and path, and remembers what was asked. */

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

export interface Answer {
  status?: number;
  body: unknown;
}

type Handler = (call: Call) => Answer;

export interface FakeApi {
  calls: Call[];
  /** `on('GET /connections', () => ({ body: ... }))`; paths are below the plugin's prefix. */
  on: (route: string, handler: Handler) => FakeApi;
  to: (route: string) => Call[];
}

const PREFIX = '/user-provisioning';

const json = (value: string | null | undefined): unknown => (value ? JSON.parse(value) : undefined);

export const data = (body: unknown): Answer => ({ body: { data: body } });

export const error = (
  status: number,
  message: string,
  errors: { path: string[]; message: string }[] = []
): Answer => ({
  status,
  body: {
    data: null,
    error: {
      status,
      name: status === 400 ? 'ValidationError' : 'ApplicationError',
      message,
      details: { errors: errors.map((entry) => ({ ...entry, name: 'ValidationError' })) },
    },
  },
});

export const fakeApi = (): FakeApi => {
  const handlers = new Map<string, Handler>();
  const calls: Call[] = [];

  window.fetch = async (input, init) => {
    const url = new URL(String(input instanceof Request ? input.url : input), 'http://localhost:1337');
    const path = url.pathname.startsWith(PREFIX) ? url.pathname.slice(PREFIX.length) : url.pathname;
    const call: Call = {
      method: init?.method ?? 'GET',
      path,
      query: url.searchParams,
      body: json(typeof init?.body === 'string' ? init.body : null),
    };
    calls.push(call);
    const handler = handlers.get(`${call.method} ${path}`);
    const { status = 200, body } = handler?.(call) ?? error(404, `No handler for ${call.method} ${path}`);
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
  };

  const api: FakeApi = {
    calls,
    on: (route, handler) => {
      handlers.set(route, handler);
      return api;
    },
    to: (route) => calls.filter((call) => `${call.method} ${call.path}` === route),
  };
  return api;
};
