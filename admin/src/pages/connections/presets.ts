import { msg, type Message } from '../../utils/i18n';

export interface Preset {
  id: string;
  label: Message;
  /** Where the two values go, step by step. */
  steps: readonly Message[];
}

/** What the provider calls things, so that a person finds the fields without knowing SCIM. */
export const PRESETS: readonly Preset[] = [
  {
    id: 'generic',
    label: msg('preset.generic', 'Other (SCIM 2.0)'),
    steps: [
      msg('guide.generic.1', 'Open the provisioning (SCIM) settings of your identity provider and choose SCIM 2.0 with a bearer token.'),
      msg('guide.generic.2', 'Paste the base URL; it may be called "SCIM endpoint", "Tenant URL" or "Connector base URL".'),
      msg('guide.generic.3', 'Paste the token; it may be called "API token", "Secret token" or "Bearer token".'),
      msg('guide.generic.4', 'Run the provider’s connection test, then assign people and groups.'),
    ],
  },
  {
    id: 'okta',
    label: msg('preset.okta', 'Okta'),
    steps: [
      msg('guide.okta.1', 'In the Okta Admin Console open Applications, choose your app, and under General → App Settings set Provisioning to SCIM.'),
      msg('guide.okta.2', 'Open Provisioning → Integration → Edit. Paste the base URL as "SCIM connector base URL" and enter userName as "Unique identifier field for users".'),
      msg('guide.okta.3', 'Tick Push New Users, Push Profile Updates and Push Groups. Choose HTTP Header as authentication mode and paste the token as "Authorization: Bearer".'),
      msg('guide.okta.4', 'Choose "Test Connector Configuration" and save. Under Provisioning → To App enable Create Users, Update User Attributes and Deactivate Users.'),
      msg('guide.okta.5', 'Assign people under Assignments, and the groups of your role table under Push Groups.'),
    ],
  },
  {
    id: 'entra-id',
    label: msg('preset.entra-id', 'Microsoft Entra ID'),
    steps: [
      msg('guide.entra-id.1', 'In the Microsoft Entra admin center open Enterprise applications → New application → Create your own application (not in the gallery).'),
      msg('guide.entra-id.2', 'Open Provisioning in the application and choose New configuration.'),
      msg('guide.entra-id.3', 'Paste the base URL as "Tenant URL" and the token as "Secret token", choose "Test connection" and then "Create".'),
      msg('guide.entra-id.4', 'Assign people and groups under Users and groups, then choose "Start provisioning". The first cycle takes a while; "Provision on demand" sends one person at once.'),
    ],
  },
  {
    id: 'onelogin',
    label: msg('preset.onelogin', 'OneLogin'),
    steps: [
      msg('guide.onelogin.1', 'In the OneLogin administration add the application "SCIM Provisioner with SAML (SCIM v2 Enterprise)".'),
      msg('guide.onelogin.2', 'Open Configuration, paste the base URL as "SCIM Base URL" and the token as "SCIM Bearer Token", and enable the API connection.'),
      msg('guide.onelogin.3', 'Open Provisioning, tick "Enable provisioning", and choose Suspend or Delete for people who leave.'),
      msg('guide.onelogin.4', 'Give people access to the application under Users or by a role.'),
    ],
  },
  {
    id: 'jumpcloud',
    label: msg('preset.jumpcloud', 'JumpCloud'),
    steps: [
      msg('guide.jumpcloud.1', 'In the JumpCloud admin portal open SSO Applications, add a custom application, and open its Identity Management tab.'),
      msg('guide.jumpcloud.2', 'Choose the API type SCIM API and the version SCIM 2.0. Paste the base URL as "Base URL" and the token as "Token Key".'),
      msg('guide.jumpcloud.3', 'Enter a test user’s e-mail address, choose "Test Connection", then "Activate" and save.'),
      msg('guide.jumpcloud.4', 'Give user groups access to the application.'),
    ],
  },
];

export const presetOf = (id: string): Preset => {
  const [generic] = PRESETS;
  const found = PRESETS.find((preset) => preset.id === id) ?? generic;
  if (found === undefined) throw new Error('The list of presets is empty.');
  return found;
};
