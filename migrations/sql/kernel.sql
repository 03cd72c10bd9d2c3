-- Records that nobody may change or remove.
CREATE TRIGGER audit_record_append_only BEFORE UPDATE OR DELETE ON audit_record
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deployment_mark_is_final BEFORE UPDATE OR DELETE ON deployment
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deployment_mark_is_not_emptied BEFORE TRUNCATE ON deployment
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
