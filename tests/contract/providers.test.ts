/**
 * The documented requests of identity providers, replayed over HTTP against a real Strapi with its state checked after each
 * step. A provider is a file of data in `providers/`; "reconstructed" are those that publish no trace of their requests.
 */
import { describeProviders } from '../helpers/provider-day';
import { adminUsers } from './providers/admin-users';
import { authentik } from './providers/authentik';
import { entraId } from './providers/entra-id';
import { jumpcloud } from './providers/jumpcloud';
import { okta } from './providers/okta';
import { onelogin } from './providers/onelogin';
import { pingone } from './providers/pingone';
import { sailpoint } from './providers/sailpoint';

describeProviders({
  'Entra ID': entraId,
  Okta: okta,
  'OneLogin (reconstructed)': onelogin,
  'JumpCloud (reconstructed)': jumpcloud,
  'PingOne (reconstructed)': pingone,
  'SailPoint (reconstructed)': sailpoint,
  authentik,
  'Admin users': adminUsers,
});
