import type { PendingApprovals } from '../../../server/src/contracts/connection';
import { PLUGIN_ID } from '../pluginId';
import { LIST, TAGS, api, unwrap, type Envelope } from './api';

const urlOf = (connectionId: number): string => `/${PLUGIN_ID}/connections/${connectionId}`;

const approvalsApi = api.injectEndpoints({
  endpoints: (build) => ({
    getProvisioningApprovals: build.query<PendingApprovals, number>({
      query: (connectionId) => `${urlOf(connectionId)}/approvals`,
      transformResponse: (response: Envelope<PendingApprovals>) => unwrap(response),
      providesTags: (_result, _error, id) => [{ type: TAGS.approvals, id }],
      // The provider may have asked for somebody since.
      keepUnusedDataFor: 0,
    }),
    approveProvisioningLink: build.mutation<{ id: string; userName: string }, { connectionId: number; accountId: number }>({
      query: ({ connectionId, accountId }) => ({ url: `${urlOf(connectionId)}/links`, method: 'POST', data: { accountId } }),
      transformResponse: (response: Envelope<{ id: string; userName: string }>) => unwrap(response),
      // Also where it failed: somebody else may have approved the person, or removed the account.
      invalidatesTags: (_result, _error, { connectionId }) => [
        { type: TAGS.approvals, id: connectionId },
        { type: TAGS.operation, id: LIST },
      ],
    }),
  }),
});

export const {
  useGetProvisioningApprovalsQuery: useGetApprovalsQuery,
  useApproveProvisioningLinkMutation: useApproveMutation,
} = approvalsApi;
