"""newsdesk: durable processing of Benzinga news articles on Temporal."""
