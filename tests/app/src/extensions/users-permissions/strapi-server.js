'use strict';

/** A site that added fields to its users, where a test asks for it (`bootStrapi({ ownFields: true })`). */
const OWN_FIELDS = {
  favouriteColour: { type: 'string', required: true, maxLength: 20 },
  mood: { type: 'enumeration', enum: ['fine', 'grumpy'] },
  badge: { type: 'string', unique: true },
  shoeSize: { type: 'integer', min: 10, max: 60 },
  bigNumber: { type: 'biginteger' },
  ratio: { type: 'float' },
  salary: { type: 'decimal' },
  vegetarian: { type: 'boolean', default: false },
  birthday: { type: 'date' },
  breakfast: { type: 'time' },
  lastCoffee: { type: 'datetime' },
  biography: { type: 'richtext' },
  address: { type: 'component', component: 'person.address', repeatable: false },
  languages: { type: 'component', component: 'person.language', repeatable: true },
  // None of these belongs into the schema.
  inviteToken: { type: 'string' },
  notes: { type: 'string', private: true },
  settings: { type: 'json' },
  avatar: { type: 'media', multiple: false },
  friends: { type: 'relation', relation: 'oneToMany', target: 'plugin::users-permissions.user' },
  blocks: { type: 'blocks' },
};

module.exports = (plugin) => {
  if (process.env.TEST_OWN_FIELDS !== 'true') return plugin;
  const { schema } = plugin.contentTypes.user;
  schema.attributes = { ...schema.attributes, ...OWN_FIELDS };
  return plugin;
};
