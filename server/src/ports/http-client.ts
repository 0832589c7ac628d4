/** Outgoing HTTP. The adapter knows proxies, sockets and TLS; whoever uses the port knows only messages. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute. */
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** For the whole exchange, including reading the answer. */
  timeoutMs: number;
}

export interface HttpResponse {
  status: number;
  /** Names in lower case; a repeated header is joined with ", ". */
  headers: Record<string, string>;
  text: string;
}

export interface HttpClient {
  /**
   * Answers whatever status came back and never follows a redirect: credentials must not travel to another host.
   * Throws where there is no answer at all (name, connection, TLS, timeout); `code` of the error says which.
   */
  request(request: HttpRequest): Promise<HttpResponse>;
}
