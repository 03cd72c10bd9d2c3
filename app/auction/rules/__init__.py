"""Pure bidding rules, one file a format; nothing here touches a clock or a database."""
