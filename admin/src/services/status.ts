import type { PluginStatus, Population, RoleInfo } from '../../../server/src/contracts/connection';
import { PLUGIN_ID } from '../pluginId';
import { TAGS, api, unwrap, type Envelope } from './api';

const statusApi = api.injectEndpoints({
  endpoints: (build) => ({
    getProvisioningStatus: build.query<PluginStatus, void>({
      query: () => `/${PLUGIN_ID}/status`,
      transformResponse: (response: Envelope<PluginStatus>) => unwrap(response),
      providesTags: [TAGS.status],
    }),
    getProvisioningRoles: build.query<RoleInfo[], Population>({
      query: (population) => `/${PLUGIN_ID}/roles?${new URLSearchParams({ population }).toString()}`,
      transformResponse: (response: Envelope<RoleInfo[]>) => unwrap(response),
      // Roles are edited elsewhere in Strapi: ask again whenever a form opens.
      keepUnusedDataFor: 0,
    }),
  }),
});

export const {
  useGetProvisioningStatusQuery: useGetStatusQuery,
  useGetProvisioningRolesQuery: useGetRolesQuery,
} = statusApi;
