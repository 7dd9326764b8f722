import { z } from 'zod';
import { defineOperation } from '../operation.ts';
import { amount, pageOf, pageQuery } from '../shapes.ts';
import { staffPerson, staffSettings } from './staff-shapes.ts';

/** The publisher's staff by name, with what holds for all of them. */
export const listStaff = defineOperation({
  name: 'listStaff',
  capability: 'access',
  summary: 'The publisher’s staff',
  method: 'GET',
  path: '/api/v1/staff',
  permission: { at: 'platform', action: 'manage-staff' },
  query: z.strictObject(pageQuery),
  answer: pageOf(staffPerson).extend({
    settings: staffSettings,
    /** How many there are, and how many of them have no second factor. */
    people: amount,
    withoutSecondFactor: amount,
  }),
  refusals: ['cursor-invalid'],
});
