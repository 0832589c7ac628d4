import type { ScimRequestContext } from '../../ports/scim-service';
import { BULK_RESPONSE_URN } from '../messages/urns';
import { jsonResponse, type ScimHttpRequest, type ScimHttpResponse } from './http';
import { parseBulkRequest } from './bulk-request';
import { BulkRun, type Send } from './bulk-run';

/**
 * POST /Bulk (RFC 7644 section 3.7). Every operation goes the way of a single request: same checks, same errors, same
 * log, each atomic by itself. The request as a whole is not: what failed is told per operation.
 */
export async function handleBulk(request: ScimHttpRequest, ctx: ScimRequestContext, send: Send): Promise<ScimHttpResponse> {
  const run = new BulkRun(parseBulkRequest(request.body, ctx.connection.policies), ctx, send);
  return jsonResponse(200, { schemas: [BULK_RESPONSE_URN], Operations: await run.results() });
}
