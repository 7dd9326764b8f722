-- Mail domains that an account says are its own, and has proved by a record in the domain's name servers. Several accounts
-- may say it of one domain; only one may have proved it, and only that one decides how its people sign in.
create table mail_domains (
  account_id uuid not null,
  mail_domain_id uuid not null,
  domain text not null,
  -- What the record must hold. No secret: everybody may read the record.
  proof_text text not null,
  added_by text not null,
  added_at timestamptz not null,
  checked_at timestamptz,
  proved_at timestamptz,
  primary key (account_id, mail_domain_id)
);
create unique index mail_domains_by_name on mail_domains (account_id, domain);
create unique index mail_domains_proved on mail_domains (domain) where proved_at is not null;

-- How people of a mail domain sign in at their company's own sign-in. `connection` is what the protocol needs, without
-- secrets; the client's secret lies beside it, sealed.
create table single_sign_on (
  account_id uuid not null,
  mail_domain_id uuid not null,
  protocol text not null check (protocol in ('oidc', 'saml')),
  connection jsonb not null,
  secret_sealed text,
  is_on boolean not null default false,
  -- Passwords of people of the domain do not sign in any more, but for those named below.
  is_required boolean not null default false,
  -- The company says that who has an address of the domain is who its sign-in says they are (decision 0016).
  manages_people boolean not null default false,
  -- The group of those who are made at their first sign-in; null makes nobody.
  group_id uuid,
  -- When the test went well with what is set; null again when the connection changes.
  tested_at timestamptz,
  changed_by text not null,
  changed_at timestamptz not null,
  primary key (account_id, mail_domain_id),
  foreign key (account_id, mail_domain_id) references mail_domains (account_id, mail_domain_id) on delete cascade,
  foreign key (account_id, group_id) references groups (account_id, group_id) on delete set null (group_id)
);

-- Administrators who get in with password and code when the company's sign-in does not work.
create table single_sign_on_exempt (
  account_id uuid not null,
  mail_domain_id uuid not null,
  person_id text not null references people (id) on delete cascade,
  primary key (account_id, mail_domain_id, person_id),
  foreign key (account_id, mail_domain_id) references single_sign_on (account_id, mail_domain_id) on delete cascade
);
create index single_sign_on_exempt_by_person on single_sign_on_exempt (person_id);

-- Who somebody is at their company's sign-in. Bound to the setting of one account: another account that names the same
-- issuer says nothing about these people.
create table identities (
  identity_id uuid primary key,
  account_id uuid not null,
  mail_domain_id uuid not null,
  issuer text not null,
  subject text not null,
  person_id text not null references people (id) on delete cascade,
  linked_at timestamptz not null,
  last_used_at timestamptz,
  foreign key (account_id, mail_domain_id) references mail_domains (account_id, mail_domain_id) on delete cascade
);
create unique index identities_by_subject on identities (account_id, mail_domain_id, issuer, subject);
create index identities_by_person on identities (person_id);

-- A way to the company's sign-in and back that is not over. Only the hash of its state is kept; each is used once, within
-- ten minutes, and a job removes what was left.
create table single_sign_on_flows (
  state_hash bytea primary key,
  account_id uuid not null,
  mail_domain_id uuid not null,
  purpose text not null check (purpose in ('sign-in', 'step-up', 'link', 'test')),
  -- What the browser that began it holds: a cookie's hash where nobody is signed in, else the session.
  browser_hash bytea,
  session_id text,
  person_id text references people (id) on delete cascade,
  -- The address that was typed, so that nobody types it twice.
  email text,
  next_path text,
  -- What came back by SAML in a request that carries no cookie, until the browser comes for it.
  outcome jsonb,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  foreign key (account_id, mail_domain_id) references mail_domains (account_id, mail_domain_id) on delete cascade
);
create index single_sign_on_flows_by_end on single_sign_on_flows (expires_at);

-- Assertions that were taken, so that none is taken twice. Removed a day after.
create table saml_assertions (
  account_id uuid not null,
  mail_domain_id uuid not null,
  assertion_id text not null,
  taken_at timestamptz not null,
  primary key (account_id, mail_domain_id, assertion_id)
);
create index saml_assertions_by_time on saml_assertions (taken_at);

-- Links that prove a mail address: a person's own, the one they change to, or that of an identity. They hold mail
-- addresses; used once, within an hour or a day, and removed by a job.
create table mail_proofs (
  secret_hash bytea primary key,
  purpose text not null check (purpose in ('own', 'change', 'identity')),
  person_id text references people (id) on delete cascade,
  email text not null,
  -- For an identity: the setting, issuer, subject and name, and the browser in which it signed in.
  identity jsonb,
  browser_hash bytea,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index mail_proofs_by_person on mail_proofs (person_id);
create index mail_proofs_by_end on mail_proofs (expires_at);

-- Whoever has a password came by a link that was sent to their address, or set the installation up.
update people set email_verified = true
 where exists (select 1 from sign_in_accounts s
                where s.person_id = people.id and s.provider_id = 'credential' and s.password is not null);
