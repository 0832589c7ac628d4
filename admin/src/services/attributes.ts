import type { AttributeInfo, Population } from '../../../server/src/contracts/connection';
import { PLUGIN_ID } from '../pluginId';
import { api, unwrap, type Envelope } from './api';

const attributesApi = api.injectEndpoints({
  endpoints: (build) => ({
    getProvisioningAttributes: build.query<AttributeInfo[], Population>({
      query: (population) => `/${PLUGIN_ID}/attributes?${new URLSearchParams({ population }).toString()}`,
      transformResponse: (response: Envelope<AttributeInfo[]>) => unwrap(response),
      // Fields are edited elsewhere in Strapi: ask again whenever the section opens.
      keepUnusedDataFor: 0,
    }),
  }),
});

export const { useGetProvisioningAttributesQuery: useGetAttributesQuery } = attributesApi;
