import type { Generated } from 'kysely';

/** Rows of what there is to tell, who is still to hear of it, and what readers chose. */
export interface NotificationTables {
  notices: NoticesTable;
  notices_head: NoticesHeadTable;
  notice_queue: NoticeQueueTable;
  notification_choices: NotificationChoicesTable;
  notification_hours: NotificationHoursTable;
  notification_addresses: NotificationAddressesTable;
  notices_seen: NoticesSeenTable;
}

interface NoticesTable {
  account_id: string;
  cause: string;
  kind: string;
  state: 'new' | 'ended';
  virtual_account_id: string | null;
  person_id: string | null;
  subject: string | null;
  alert_id: string | null;
  message: string | null;
  page: string | null;
  at: Temporal.Instant;
  position: number | null;
  began_position: number | null;
}

interface NoticesHeadTable {
  only_row: Generated<boolean>;
  position: number;
}

interface NoticeQueueTable {
  account_id: string;
  reader_id: string;
  kind: string;
  since_position: number;
  due_at: Temporal.Instant;
}

interface NotificationChoicesTable {
  account_id: string;
  reader_id: string;
  kind: string;
  cadence: 'immediate' | 'daily' | 'weekly' | 'off';
}

interface NotificationHoursTable {
  person_id: string;
  time_zone: string | null;
  hour: number;
  weekday: number;
}

interface NotificationAddressesTable {
  account_id: string;
  address_id: string;
  email: string;
  added_by: string;
  added_at: Temporal.Instant;
  confirmed_at: Temporal.Instant | null;
  confirm_hash: Buffer | null;
  confirm_until: Temporal.Instant | null;
}

interface NoticesSeenTable {
  account_id: string;
  person_id: string;
  position: number;
}
