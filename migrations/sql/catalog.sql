-- Terms of patents in years from the filing date; the row in force on the filing date counts.
INSERT INTO dated_rule (key, board, jurisdiction, value, valid_from, valid_to, source) VALUES
  ('patent.term_years.invention', 'standard', 'CN', '20', '1985-04-01', NULL,
   '专利法（1992 年修正起）第四十二条：发明专利权的期限为二十年，自申请日起计算'),
  ('patent.term_years.utility_model', 'standard', 'CN', '10', '1985-04-01', NULL,
   '专利法（1992 年修正起）第四十二条：实用新型专利权的期限为十年，自申请日起计算'),
  ('patent.term_years.design', 'standard', 'CN', '10', '1985-04-01', '2021-06-01',
   '专利法（2008 年修正）第四十二条：外观设计专利权的期限为十年，自申请日起计算'),
  ('patent.term_years.design', 'standard', 'CN', '15', '2021-06-01', NULL,
   '专利法（2020 年修正，2021-06-01 施行）第四十二条：外观设计专利权的期限为十五年，自申请日起计算');
