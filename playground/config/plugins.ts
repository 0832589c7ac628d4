import path from 'node:path';
import type { Core } from '@strapi/strapi';

const config = ({ env }: Core.Config.Shared.ConfigParams) => ({
  'user-provisioning': {
    enabled: true,
    // The repository itself. Not `..`: Strapi would first look for that beside its own files.
    resolve: path.resolve(process.cwd(), '..'),
  },
  'users-permissions': {
    config: { jwtManagement: 'refresh', jwtSecret: env('JWT_SECRET') },
  },
});

export default config;
