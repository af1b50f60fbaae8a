"""SIMCom modules."""
