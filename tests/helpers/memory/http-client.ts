import type { HttpClient, HttpRequest, HttpResponse } from '../../../server/src/ports/http-client';

type Answer = Partial<HttpResponse> | Error;

/** Answers from a script and remembers what was asked. */
export class MemoryHttpClient implements HttpClient {
  readonly requests: HttpRequest[] = [];

  constructor(private readonly answer: (request: HttpRequest, number: number) => Answer | Promise<Answer>) {}

  async request(request: HttpRequest): Promise<HttpResponse> {
    this.requests.push(structuredClone(request));
    const answer = await this.answer(request, this.requests.length);
    if (answer instanceof Error) throw answer;
    return { status: 200, headers: {}, text: '', ...answer };
  }
}
