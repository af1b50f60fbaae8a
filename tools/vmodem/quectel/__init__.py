"""The Quectel dialect: `dialect.Quectel` puts its parts together."""
