"""The SIMCom dialect: `dialect.Simcom` puts its parts together, `sim7100.Sim7100` those of one model."""
