import type { OperationDetail, OperationPage, OperationQuery } from '../../../server/src/contracts/operation';
import { PLUGIN_ID } from '../pluginId';
import { LIST, TAGS, api, unwrap, type Envelope } from './api';

const URL = `/${PLUGIN_ID}/operations`;

const operationsApi = api.injectEndpoints({
  endpoints: (build) => ({
    getProvisioningOperations: build.query<OperationPage, OperationQuery>({
      // Not as `params`: Strapi's client writes those into the address without encoding them.
      query: (params) => `${URL}?${new URLSearchParams({ ...params }).toString()}`,
      transformResponse: (response: Envelope<OperationPage>) => unwrap(response),
      providesTags: [{ type: TAGS.operation, id: LIST }],
    }),
    getProvisioningOperation: build.query<OperationDetail, string>({
      query: (id) => `${URL}/${encodeURIComponent(id)}`,
      transformResponse: (response: Envelope<OperationDetail>) => unwrap(response),
      providesTags: (_result, _error, id) => [{ type: TAGS.operation, id }],
    }),
  }),
});

export const { useGetProvisioningOperationsQuery: useGetOperationsQuery, useGetProvisioningOperationQuery: useGetOperationQuery } = operationsApi;
