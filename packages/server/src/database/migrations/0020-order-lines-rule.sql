-- The rule that chose the virtual account of a line, as it was then: it may change or go, and the trace still tells.
alter table order_lines add column delivery_rule jsonb;
