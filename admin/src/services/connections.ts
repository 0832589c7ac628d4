import type {
  ConnectionInfo,
  ConnectionInput,
  ConnectionTestResult,
  ConnectionUpdate,
  ConnectionWithToken,
  RotateInput,
  TokenInput,
} from '../../../server/src/contracts/connection';
import { PLUGIN_ID } from '../pluginId';
import { LIST, TAGS, api, unwrap, type Envelope } from './api';

const URL = `/${PLUGIN_ID}/connections`;

const listTag = { type: TAGS.connection, id: LIST } as const;
const oneTag = (id: number) => ({ type: TAGS.connection, id }) as const;
/** A change of one connection also changes its row in the list and the counters of the status. */
const changed = (id: number) => [listTag, oneTag(id), TAGS.status] as const;

const connectionsApi = api.injectEndpoints({
  endpoints: (build) => ({
    getProvisioningConnections: build.query<ConnectionInfo[], void>({
      query: () => URL,
      transformResponse: (response: Envelope<ConnectionInfo[]>) => unwrap(response),
      providesTags: [listTag],
    }),
    getProvisioningConnection: build.query<ConnectionInfo, number>({
      query: (id) => `${URL}/${id}`,
      transformResponse: (response: Envelope<ConnectionInfo>) => unwrap(response),
      providesTags: (_result, _error, id) => [oneTag(id)],
    }),
    createProvisioningConnection: build.mutation<ConnectionWithToken, ConnectionInput>({
      query: (data) => ({ url: URL, method: 'POST', data }),
      transformResponse: (response: Envelope<ConnectionWithToken>) => unwrap(response),
      invalidatesTags: (result) => (result ? [listTag, TAGS.status] : []),
    }),
    updateProvisioningConnection: build.mutation<ConnectionInfo, { id: number; data: ConnectionUpdate }>({
      query: ({ id, data }) => ({ url: `${URL}/${id}`, method: 'PUT', data }),
      transformResponse: (response: Envelope<ConnectionInfo>) => unwrap(response),
      invalidatesTags: (result, _error, { id }) => (result ? changed(id) : []),
    }),
    deleteProvisioningConnection: build.mutation<{ id: number }, number>({
      query: (id) => ({ url: `${URL}/${id}`, method: 'DELETE' }),
      transformResponse: (response: Envelope<{ id: number }>) => unwrap(response),
      // Not the tag of the deleted one: its page may still be mounted and would ask for it again.
      invalidatesTags: (result) => (result ? [listTag, TAGS.status] : []),
    }),
    testProvisioningConnection: build.mutation<ConnectionTestResult, number>({
      query: (id) => ({ url: `${URL}/${id}/test`, method: 'POST' }),
      transformResponse: (response: Envelope<ConnectionTestResult>) => unwrap(response),
    }),
    createProvisioningToken: build.mutation<ConnectionWithToken, { id: number; data: TokenInput }>({
      query: ({ id, data }) => ({ url: `${URL}/${id}/tokens`, method: 'POST', data }),
      transformResponse: (response: Envelope<ConnectionWithToken>) => unwrap(response),
      invalidatesTags: (result, _error, { id }) => (result ? changed(id) : []),
    }),
    rotateProvisioningToken: build.mutation<ConnectionWithToken, { id: number; data: RotateInput }>({
      query: ({ id, data }) => ({ url: `${URL}/${id}/rotate-token`, method: 'POST', data }),
      transformResponse: (response: Envelope<ConnectionWithToken>) => unwrap(response),
      invalidatesTags: (result, _error, { id }) => (result ? changed(id) : []),
    }),
    revokeProvisioningToken: build.mutation<ConnectionInfo, { id: number; tokenId: number }>({
      query: ({ id, tokenId }) => ({ url: `${URL}/${id}/tokens/${tokenId}`, method: 'DELETE' }),
      transformResponse: (response: Envelope<ConnectionInfo>) => unwrap(response),
      invalidatesTags: (result, _error, { id }) => (result ? changed(id) : []),
    }),
    provisionEveryone: build.mutation<{ queued: number }, number>({
      query: (id) => ({ url: `${URL}/${id}/provision-all`, method: 'POST' }),
      transformResponse: (response: Envelope<{ queued: number }>) => unwrap(response),
      invalidatesTags: (result, _error, id) => (result ? changed(id) : []),
    }),
    retryFailedProvisioning: build.mutation<{ queued: number }, number>({
      query: (id) => ({ url: `${URL}/${id}/retry-failed`, method: 'POST' }),
      transformResponse: (response: Envelope<{ queued: number }>) => unwrap(response),
      invalidatesTags: (result, _error, id) => (result ? changed(id) : []),
    }),
  }),
});

export const {
  useGetProvisioningConnectionsQuery: useGetConnectionsQuery,
  useGetProvisioningConnectionQuery: useGetConnectionQuery,
  useCreateProvisioningConnectionMutation: useCreateConnectionMutation,
  useUpdateProvisioningConnectionMutation: useUpdateConnectionMutation,
  useDeleteProvisioningConnectionMutation: useDeleteConnectionMutation,
  useTestProvisioningConnectionMutation: useTestConnectionMutation,
  useCreateProvisioningTokenMutation: useCreateTokenMutation,
  useRotateProvisioningTokenMutation: useRotateTokenMutation,
  useRevokeProvisioningTokenMutation: useRevokeTokenMutation,
  useProvisionEveryoneMutation: useProvisionAllMutation,
  useRetryFailedProvisioningMutation: useRetryFailedMutation,
} = connectionsApi;
